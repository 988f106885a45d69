"""Spanish."""

from promptls.analysis.lexicon.lexicon import Lexicon, phrase_set, word_set

# Each verb as tú and usted are told it, and as an infinitive.
INTENTS = {
    "generate": word_set(
        """
        escribe escriba escribir genera genere generar crea cree crear redacta redacte redactar compón componga
        componer elabora elabore elaborar produce produzca producir inventa invente inventar propón proponga
        proponer sugiere sugiera sugerir diseña diseñe diseñar imagina imagine imaginar prepara prepare preparar
        haz haga hacer desarrolla desarrolle desarrollar recomienda recomiende recomendar
        """
    ),
    "extract": word_set(
        """
        extrae extraiga extraer identifica identifique identificar encuentra encuentre encontrar enumera enumere
        enumerar lista liste listar localiza localice localizar busca busque buscar detecta detecte detectar
        recoge recoja recoger saca saque sacar
        """
    ),
    "classify": word_set(
        """
        clasifica clasifique clasificar categoriza categorice categorizar etiqueta etiquete etiquetar determina
        determine determinar decide decida decidir evalúa evalúe evaluar puntúa puntúe puntuar valora valore
        valorar califica califique calificar ordena ordene ordenar comprueba compruebe comprobar elige elija
        elegir asigna asigne asignar
        """
    ),
    "rewrite": word_set(
        """
        reescribe reescriba reescribir traduce traduzca traducir corrige corrija corregir mejora mejore mejorar
        convierte convierta convertir transforma transforme transformar parafrasea parafrasee parafrasear
        reformula reformule reformular simplifica simplifique simplificar adapta adapte adaptar acorta acorte
        acortar revisa revise revisar
        """
    ),
    "summarise": word_set(
        """
        resume resuma resumir sintetiza sintetice sintetizar condensa condense condensar
        """
    ),
    "answer": word_set(
        """
        analiza analice analizar responde responda responder contesta conteste contestar explica explique
        explicar describe describa describir resuelve resuelva resolver calcula calcule calcular define
        defina definir ayuda ayude ayudar aclara aclare aclarar compara compare comparar
        """
    ),
    "code": word_set(
        """
        implementa implemente implementar programa programe programar codifica codifique codificar refactoriza
        refactorice refactorizar depura depure depurar
        """
    ),
    "plan": word_set(
        """
        planifica planifique planificar planea planee planear organiza organice organizar prioriza priorice
        priorizar programa
        """
    ),
    "converse": word_set(
        """
        conversa converse conversar charla charle charlar actúa actúe actuar dialoga dialogue dialogar simula
        simule simular habla hable hablar saluda salude saludar
        """
    ),
}

ES = Lexicon(
    language="es",
    stop_words=word_set(
        """
        el la los las de del y en que un una unos unas es son para por con no se su sus al lo como más o si este
        esta estos estas tu eres debe debes cada sin sobre entre ser hay muy pero todo todos toda todas cuando
        también le les ni desde hasta te qué cuál según e u nos ha
        """
    ),
    imperatives=frozenset().union(*INTENTS.values())
    | word_set(
        """
        analiza analice analizar añade añada añadir agrega agregue agregar aplica aplique aplicar asegúrate
        asegúrese asegura asegure asegurar asume asuma asumir cita cite citar completa complete completar
        considera considere considerar cuenta cuente contar da dé dar di diga decir deja deje dejar devuelve
        devuelva devolver elimina elimine eliminar emplea emplee emplear empieza empiece empezar evita evite
        evitar excluye excluya excluir ignora ignore ignorar incluye incluya incluir indica indique indicar
        introduce introduzca introducir justifica justifique justificar lee lea leer limita limite limitar
        limítate limítese mantén mantenga mantener marca marque marcar menciona mencione mencionar muestra
        muestre mostrar observa observe observar ofrece ofrezca ofrecer omite omita omitir pide pida pedir
        piensa piense pensar pon ponga poner pregunta pregunte preguntar presenta presente presentar proporciona
        proporcione proporcionar razona razone razonar recuerda recuerde recordar rechaza rechace rechazar
        reemplaza reemplace reemplazar repite repita repetir respeta respete respetar rellena rellene rellenar
        selecciona seleccione seleccionar separa separe separar señala señale señalar sigue siga seguir
        sustituye sustituya sustituir ten tenga tener termina termine terminar toma tome tomar trata trate
        tratar usa use usar utiliza utilice utilizar valida valide validar verifica verifique verificar sé sea
        ve vaya copia copie copiar nombra nombre nombrar agrupa agrupe agrupar anota anote anotar cambia cambie
        cambiar cierra cierre cerrar envía envíe enviar escoge escoja escoger extiende guarda guarde guardar
        """
    ),
    openers=word_set(
        """
        por favor luego después primero segundo tercero finalmente ahora también y pero entonces además siempre
        solo sólo únicamente a continuación
        """
    ),
    obligations=phrase_set(
        """
        debe
        debes
        deben
        debéis
        deberá
        deberás
        deberán
        debería
        deberías
        tiene que
        tienes que
        tienen que
        hay que
        ha de
        has de
        nunca
        jamás
        siempre
        solo
        sólo
        únicamente
        asegúrate
        asegúrese
        es obligatorio
        está prohibido
        tu tarea es
        su tarea es
        tu trabajo es
        tu objetivo es
        es necesario
        """
    ),
    prohibitions=phrase_set(
        """
        nunca
        jamás
        no debe
        no debes
        no deben
        no puede
        no puedes
        está prohibido
        queda prohibido
        evita
        evite
        evitar
        """
    ),
    negations=word_set(
        """
        no ni nunca jamás nada nadie ningún ninguno ninguna sin tampoco salvo excepto
        """
    ),
    intents=INTENTS,
    task_objects={
        "code": phrase_set(
            """
            código
            función
            script
            programa
            consulta
            sql
            expresión regular
            dockerfile
            módulo
            clase
            pipeline
            flujo de trabajo
            algoritmo
            componente
            """
        ),
        "summarise": phrase_set(
            """
            resumen
            síntesis
            sinopsis
            puntos clave
            ideas principales
            """
        ),
        "classify": phrase_set(
            """
            categoría
            categorías
            etiqueta
            etiquetas
            sentimiento
            positivo o negativo
            positiva o negativa
            verdadero o falso
            sí o no
            """
        ),
        "extract": phrase_set(
            """
            entidades
            campos
            palabras clave
            los nombres
            las fechas
            """
        ),
        "plan": phrase_set(
            """
            plan
            itinerario
            calendario
            hoja de ruta
            agenda
            estrategia
            runbook
            """
        ),
        "rewrite": phrase_set(
            """
            traducción
            gramática
            más formal
            más claro
            """
        ),
        "answer": phrase_set(
            """
            pregunta
            preguntas
            respuesta
            el problema
            """
        ),
        "converse": phrase_set(
            """
            conversación
            """
        ),
    },
    hedges=phrase_set(
        """
        intenta
        intente
        trata de
        trate de
        procura
        procure
        si es posible
        si puedes
        si puede
        a ser posible
        en lo posible
        en la medida de lo posible
        idealmente
        preferiblemente
        preferentemente
        quizá
        quizás
        tal vez
        posiblemente
        más o menos
        si quieres
        si quiere
        si lo deseas
        """
    ),
    weak_modals=word_set("podría podrías podrían pudiera puede puedes pueden"),
    vague=word_set(
        """
        algunos algunas algún alguna varios varias muchos muchas pocos pocas cierto ciertos ciertas apropiado
        apropiada adecuado adecuada adecuadamente correspondiente relevante relevantes razonable bueno buena
        bien interesante cosas algo etc suficiente suficientemente normal breve corto corta largo larga
        detallado detallada simple sencillo rápidamente pronto a_veces normalmente generalmente aproximadamente
        bastante
        """
    )
    - {"a_veces"},
    subjective=word_set(
        """
        mejor mejores genial bueno buena buenos buenas excelente increíble perfecto perfecta bonito bonita
        hermoso hermosa atractivo atractiva convincente rápido rápida fácil intuitivo intuitiva elegante moderno
        moderna profesional creativo creativa interesante emocionante divertido divertida robusto robusta
        potente limpio limpia eficaz eficiente óptimo óptima innovador innovadora maravilloso maravillosa
        fantástico fantástica ideal impactante
        """
    ),
    fillers=phrase_set(
        """
        ten en cuenta que
        tenga en cuenta que
        es importante señalar que
        cabe señalar que
        cabe destacar que
        con el fin de
        con el objetivo de
        debido al hecho de que
        en el caso de que
        básicamente
        sé útil
        """
    ),
    emphasis=word_set(
        """
        nunca siempre jamás crítico crucial vital esencial importante estrictamente absolutamente obligatorio
        imprescindible urgente
        """
    ),
    positive=word_set(
        """
        bueno buena excelente feliz amor gusta disfruta maravilloso mejor amable cálido cálida útil éxito
        exitoso gana beneficio fácil seguro segura claro clara positivo positiva gracias bienvenido bienvenida
        alegre contento divertido hermoso alegría esperanza confianza respetuoso empático perfecto
        """
    ),
    negative=word_set(
        """
        malo mala peor terrible horrible odio enfadado triste falla fallo fracaso error problema daño dañino
        peligro peligroso amenaza hostil grosero feo dolor miedo pobre riesgo castigo castigado muere mata
        ofensivo tóxico violento ilegal fraude negativo negativa grave desastre inaceptable pierde pérdida queja
        """
    ),
    abbreviations=word_set(
        """
        p.ej ej etc sr sra srta sres dr dra prof d dña ud uds vd vds núm nº pág págs art aprox máx mín tel av
        ee.uu c.a vol ed cap fig figs p pp ss
        """
    ),
)
