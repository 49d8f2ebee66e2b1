"""Words for what help desks do, in English and Spanish, and the one word that stands for each."""

import re

from helpdesk_mcp.domain.choices import folded

_SAME = """
ticket request incident incidencia peticion solicitud caso case tique
list listar lista listado enumerar show mostrar
search find buscar busca busqueda encontrar localizar query
get read leer ver view obtener consultar detail detalle
create new add crear crea nuevo nueva anadir agregar abrir alta register registrar
update edit modify actualizar actualiza cambiar modificar editar set
close cerrar cierra cierre closure finish finalizar terminar complete completar
delete remove trash eliminar borrar borra papelera quitar
restore restaurar recuperar undelete
reopen reabrir reabre
assign asignar asigna asignacion reassign reasignar
pickup pick claim tomar coger
hold pausar pausa pause espera aparcar
merge combinar fusionar unir join duplicate duplicado
link vincular enlazar enlace relacionar relate associate asociar
note comment nota comentario comentar anotar
reply answer respond responder respuesta contestar response
mail email correo message mensaje notify notificar avisar
conversation conversacion thread hilo history historial historia
attachment file adjunto adjuntar archivo fichero attach upload subir
queue group cola grupo team equipo
person people user usuario persona technician tecnico agent agente
owner responsable propietario
requester solicitante customer cliente submitter employee empleado
field campo metadata metadato udf custom
knowledge conocimiento article articulo kb solution solucion faq
resolution resolucion resolve resolver solve fix
worklog time tiempo hour hora effort dedicacion imputar spent timesheet
task tarea todo subtask subtarea
approval approve aprobar aprobacion authorize autorizar
reject rechazar deny denegar
problem problema
cause causa rootcause root raiz
change cambio rfc
project proyecto
milestone hito
progress progreso avance
asset activo equipment computer ordenador inventory inventario laptop portatil
cmdb relationship relacion ci dependency dependencia dependencias
bulk batch masivo masiva lote many several varios varias multiple
statistic stats estadistica count metric metrica analyze analizar analytics analitica contar
report informe reporte summary resumen
sla compliance cumplimiento
overdue vencido vencida retraso late plazo
health salud diagnose diagnosticar diagnostico check comprobar performance rendimiento
schedule programar planificar plan calendario calendar
tool herramienta operation operacion function funcion action accion
scope permission permiso right derecho access acceso
priority prioridad urgent urgente urgency urgencia
status estado state
date fecha day dia period periodo
describe explain help ayuda documentation documentacion describir schema
run execute ejecutar call llamar invoke
session sesion
server servidor
connection conexion
"""
_IGNORED = """
a an the of to for in on by with from and or is are be it its how can do i me my we our this that
what which want need please el la los las un una unos unas de del al en por para con y o que como
es son se lo le mi mis su sus quiero necesito puedo hacer favor
"""
_WORD = re.compile(r"[a-z0-9]+")


def terms(text: str) -> list[str]:
    """Return the words that matter in a text, each as the one word that stands for it."""
    found = _WORD.findall(folded(_split_camel(text)))
    return [_standing_for(word) for word in found if word not in _IGNORED_WORDS]


def _split_camel(text: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)


def _standing_for(word: str) -> str:
    for form in (word, *_stems(word)):
        if form in _STANDS_FOR:
            return _STANDS_FOR[form]
    return next(iter(_stems(word)), word)


def _stems(word: str) -> list[str]:
    """Return shorter forms of a word, the likeliest first: plurals and -ing, no more."""
    stems: list[str] = []
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 -- "ties" is no plural of "ty"
        stems.append(f"{word[:-3]}y")
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):  # noqa: PLR2004 -- "its"
        stems.append(word[:-1])
    if len(word) > 4 and word.endswith("es"):  # noqa: PLR2004 -- "yes"
        stems.append(word[:-2])
    if len(word) > 5 and word.endswith("ing"):  # noqa: PLR2004 -- "string" has no verb
        stems += [word[:-3], f"{word[:-3]}e", word[:-4]]
    return stems


_GROUPS = tuple(line.split() for line in _SAME.strip().splitlines())
_STANDS_FOR = {word: group[0] for group in _GROUPS for word in group}
_IGNORED_WORDS = frozenset(_IGNORED.split())
